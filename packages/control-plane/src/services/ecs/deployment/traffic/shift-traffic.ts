import { scopeOfArn } from '@berth/model'
import { newEffect } from '../../../../control-loop/effects.ts'
import { effects } from '../../../../control-loop/effects-table.ts'
import { revisionArnOf } from '../../tables/index.ts'
import { type EventSubject, weights } from '../hooks/hook-event.ts'
import type { ServiceDraft } from '../service-draft.ts'
import type { Shift, StrategyProgress } from '../strategies/progress.ts'
import { shiftKind, type TrafficShift } from './traffic-router.ts'

/** What has not been done by then never will be: the stage does not last longer. */
const longestShiftMs = 24 * 3_600_000

export const shiftIdOf = (serviceDeploymentArn: string, { sequence }: Pick<Shift, 'sequence'>): string => {
  const { accountId, region } = scopeOfArn(serviceDeploymentArn)
  return `${accountId}:${region}:shift:${serviceDeploymentArn}:${sequence}`
}

/** Hears of the shift that was asked for last. */
export const settledShift = (
  draft: ServiceDraft,
  progress: StrategyProgress,
  serviceDeploymentArn: string,
): StrategyProgress => {
  const { shift, shares } = progress
  if (shift === undefined || shift.failure !== undefined) return progress
  const { result } = draft.view.get(effects, shiftIdOf(serviceDeploymentArn, shift)) ?? {}
  if (result === undefined) return progress
  if (result.outcome === 'failed') return { ...progress, shift: { ...shift, failure: result.error } }
  return {
    ...progress,
    shift: undefined,
    shares: { ...shares, [shift.traffic]: shift.share },
    shiftedAt: draft.now,
  }
}

/** Asks for the traffic to be moved, unless that is asked for already. */
export const requestedShift = (
  draft: ServiceDraft,
  progress: StrategyProgress,
  wanted: Pick<Shift, 'traffic' | 'share'>,
  subject: EventSubject,
): StrategyProgress => {
  const { shift, shifts } = progress
  if (shift?.traffic === wanted.traffic && shift.share === wanted.share) return progress
  const sequence = shifts + 1
  const asked: Shift = { traffic: wanted.traffic, share: wanted.share, sequence }
  const request: TrafficShift = {
    serviceArn: subject.serviceArn,
    serviceDeploymentArn: subject.serviceDeploymentArn,
    loadBalancers: draft.service.loadBalancers ?? [],
    traffic: wanted.traffic,
    weights: weights(wanted.share, subject.targetRevisionArn, subject.sourceRevisionArn),
    inAlternate: draft.deployments.flatMap(({ id, usesAlternateTargetGroups }) =>
      usesAlternateTargetGroups ? revisionArnOf(draft.service.id, id) : [],
    ),
    sequence,
  }
  const id = shiftIdOf(subject.serviceDeploymentArn, asked)
  const deadline = draft.now + longestShiftMs
  draft.request(newEffect({ id, kind: shiftKind, request, deadline }, draft.now))
  return { ...progress, shift: asked, shifts: sequence }
}
