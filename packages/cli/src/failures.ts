/** The command could not do what it was asked: exit code 1, the message alone. */
export class CommandFailure extends Error {}

/** The command line itself is wrong: exit code 2, with the usage. */
export class UsageError extends Error {}
