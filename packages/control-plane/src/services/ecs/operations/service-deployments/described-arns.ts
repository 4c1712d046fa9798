import { invalidParameter } from '../../errors.ts'

const mostArns = 20

/** What a Describe operation names, each once. Throws InvalidParameterException for none, and for too many. */
export const describedArns = (member: string, arns: readonly string[] | undefined): readonly string[] => {
  if (!arns?.length) throw invalidParameter(`${member} cannot be empty.`)
  if (arns.length > mostArns) throw invalidParameter(`${member} can have at most ${mostArns} items.`)
  return [...new Set(arns)]
}
