/** What tasks of launch type FARGATE run on. (AWS: "Fargate platform versions for Amazon ECS") */
export interface FargatePlatform {
  /** As it was asked for: `LATEST`, or a version. */
  readonly version: string
  /** `Linux` */
  readonly family: string
}

export type TaskLaunchType = 'EC2' | 'EXTERNAL' | 'FARGATE'
