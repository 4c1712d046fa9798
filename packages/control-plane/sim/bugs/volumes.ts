/** Bugs of EBS volumes. */
import { put, remove } from '../../src/control-loop/plan.ts'
import { type VolumeRow, volumes } from '../../src/services/ec2/index.ts'
import type { PlantedBug } from '../seams.ts'
import { plansOf } from './seen-through.ts'

const follower = 'ecs.task-volumes'

export const leakedVolume: PlantedBug = {
  name: 'leaked-volume',
  says: 'A volume that is deleted with its task is listed for ever.',
  seams: () =>
    plansOf(follower, plan => ({ ...plan, steps: plan.steps.filter(({ kind }) => kind !== 'delete') })),
}

export const forgottenVolume: PlantedBug = {
  name: 'forgotten-volume',
  says: 'A volume is forgotten when its task stops, also where it is to outlive it.',
  seams: () =>
    plansOf(follower, plan => ({
      ...plan,
      steps: plan.steps.map(step =>
        step.kind === 'put' && (step.row as unknown as VolumeRow).state === 'available'
          ? remove(volumes, step.row.id)
          : step,
      ),
    })),
}

export const unwantedVolume: PlantedBug = {
  name: 'unwanted-volume',
  says: 'A volume is taken for deleted before its host has done it.',
  seams: () =>
    plansOf(follower, plan => ({
      ...plan,
      steps: plan.steps.map(step =>
        step.kind === 'put' && (step.row as unknown as VolumeRow).state === 'in-use'
          ? put(volumes, { ...(step.row as unknown as VolumeRow), state: 'available', attachment: undefined })
          : step,
      ),
    })),
}
