// Runs inside a container: who the task is to the SDK, by nothing but what its endpoints tell.
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { fromContainerMetadata } from '@smithy/credential-provider-imds'

const isStandard = 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI' in process.env
const sts = new STSClient({
  endpoint: process.env['BERTH_ENDPOINT'],
  maxAttempts: 1,
  // The default chain, too, ends here; this one knows the relative URI alone.
  ...(isStandard && { credentials: fromContainerMetadata() }),
})
const { Arn } = await sts.send(new GetCallerIdentityCommand({}))
const { expiration } = await sts.config.credentials()
process.stdout.write(JSON.stringify({ Arn, region: await sts.config.region(), expiration }))
