/** The refusals of EC2, under its own codes. (AWS: "Error codes for the Amazon EC2 API") */
import { AwsError } from '@berth/aws-api'

export const ec2Error = (code: string, message: string): AwsError => new AwsError(code, message)

export const invalidParameterValue = (message: string): AwsError => ec2Error('InvalidParameterValue', message)
export const missingParameter = (name: string): AwsError =>
  ec2Error('MissingParameter', `The request must contain the parameter ${name}`)
export const volumeNotFound = (id: string): AwsError =>
  ec2Error('InvalidVolume.NotFound', `The volume '${id}' does not exist.`)
export const snapshotNotFound = (id: string): AwsError =>
  ec2Error('InvalidSnapshot.NotFound', `The snapshot '${id}' does not exist.`)

/** What is asked for would have been done. */
export const checkDryRun = ({ DryRun }: { readonly DryRun?: boolean | undefined }): void => {
  if (DryRun)
    throw new AwsError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', {
      statusCode: 412,
    })
}
