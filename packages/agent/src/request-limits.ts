/**
 * How long a request to the control plane may take. Without limits, one that was on its way when the network broke
 * would wait for the kernel to give the connection up: a quarter of an hour.
 */
export const requestLimits = {
  connectionTimeout: 3_000,
  requestTimeout: 15_000,
  throwOnRequestTimeout: true,
} as const
