/** Families, containers and volumes are named by letters, digits, hyphens and underscores. */
export const namePattern = /^[a-zA-Z0-9\-_]{1,255}$/
