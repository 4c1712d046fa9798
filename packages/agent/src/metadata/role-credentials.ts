/** `/v2/credentials/ID`: what SDKs ask for, in the form that they read. (AWS SDKs: "Container credential provider") */
import type { RoleCredentials } from '../tasks/resources/task-resource.ts'
import { type Answer, json } from './answer.ts'

export const credentialsAnswer = ({ role }: RoleCredentials): Answer => {
  // After the agent's restart the control plane sends them again.
  if (role === undefined)
    return credentialsRefusal(503, 'CredentialsUninitialized', 'Credentials uninitialized for ID')
  return json(200, {
    RoleArn: role.roleArn,
    AccessKeyId: role.accessKeyId,
    SecretAccessKey: role.secretAccessKey,
    Token: role.sessionToken,
    Expiration: role.expiration,
  })
}

export const credentialsRefusal = (status: number, code: string, text: string): Answer =>
  json(status, { code, message: `CredentialsV2Request: ${text}`, HTTPErrorCode: status })
