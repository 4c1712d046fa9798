/** What a payload says to the official agent alone: members that Berth's agent reads in ECS's own words instead. */
import type { PayloadContainerDefinition } from './payload-definition.ts'

/** A value that the agent fetches with the credentials of the execution role, before it creates the container. */
export type OfficialSecret = {
  readonly name: string
  /** A secret's ARN with its key, stage and version, or a parameter's name: it keeps a parameter under the name that it is answered with. */
  readonly valueFrom: string
  readonly region: string
  readonly provider: 'asm' | 'ssm'
} & (
  | { readonly type: 'ENVIRONMENT_VARIABLE'; readonly target: 'CONTAINER' }
  | { readonly type?: never; readonly target: 'LOG_DRIVER' }
)

export interface OfficialContainer {
  readonly secrets?: readonly OfficialSecret[]
  readonly registryAuthentication?: {
    readonly type: 'asm'
    readonly asmAuthData: { readonly credentialsParameter: string; readonly region: string }
  }
  /** Docker's awslogs driver takes the execution role's credentials from the agent's endpoint. */
  readonly logsAuthStrategy?: 'ExecutionRole'
  readonly firelensConfiguration?: PayloadContainerDefinition['firelensConfiguration']
  readonly environmentFiles?: readonly { readonly type: string; readonly value: string }[]
  readonly credentialSpecs?: readonly string[]
  /** With it the agent asks the engine for the container's health; the check itself is in `dockerConfig`. */
  readonly healthCheckType?: 'docker'
  /** Docker Engine API JSON, unmarshalled over what the agent built. */
  readonly dockerConfig?: { readonly version: string; readonly config: string; readonly hostConfig: string }
}
