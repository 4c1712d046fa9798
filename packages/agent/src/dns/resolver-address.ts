/** Where every host's resolver answers: an address of its own, so that the host's port 53 stays whoever's it is. */
export const resolverAddress = '169.254.170.53'
export const resolverPort = 53
