/**
 * The json-file options of every container whose logs are shipped. While the agent (or the control plane) is away, a
 * container may write 64 MiB of log file (four full files behind the current one) before the oldest lines are lost:
 * 400,000 lines of 100 characters, or more than a day at five lines a second. It takes at most 80 MiB of disk.
 */
export const jsonFileOptions = { 'max-size': '16m', 'max-file': '5' } as const

export const rotatedFiles = Number(jsonFileOptions['max-file'])
