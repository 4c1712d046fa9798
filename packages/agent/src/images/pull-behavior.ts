import type { ImageView } from '../engine/engine.ts'

/** As ECS_IMAGE_PULL_BEHAVIOR. (AWS: "Container image pull behavior for the EC2 and external launch types for Amazon ECS") */
export const pullBehaviors = ['default', 'always', 'once', 'prefer-cached'] as const
export type PullBehavior = (typeof pullBehaviors)[number]

/**
 * Whether a registry is asked for an image that the engine holds. `default` asks for newer content of a tag, which a digest
 * does not have; nor has an image that was made on this host and came from no registry: that one is used as it is.
 */
export const asksForCached = (
  behavior: PullBehavior,
  {
    image,
    cached,
    wasPulled,
  }: { readonly image: string; readonly cached: ImageView; readonly wasPulled: boolean },
): boolean => {
  switch (behavior) {
    case 'always':
      return true
    case 'prefer-cached':
      return false
    case 'once':
      return !wasPulled
    case 'default':
      return cached.digest !== undefined && !image.includes('@')
  }
}

/** As the official agent: after a pull that failed, only `default` goes on with what the host has. */
export const fallsBackOnCached = (behavior: PullBehavior): boolean => behavior === 'default'
