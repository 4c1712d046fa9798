import { describe, expect, it } from 'vitest'
import { requiredAttributesOf } from './required-attributes.ts'

const attributesOf = (container: object): string[] =>
  requiredAttributesOf({ containerDefinitions: [{ name: 'web', image: 'web', memory: 64, ...container }] })

describe('what an instance must offer', () => {
  it('follows from what containers ask of SELinux and AppArmor', () => {
    expect(
      attributesOf({ dockerSecurityOptions: ['label:type:svirt_t', 'label:level:s0', 'apparmor:web'] }),
    ).toEqual(['com.amazonaws.ecs.capability.selinux', 'com.amazonaws.ecs.capability.apparmor'])
    expect(attributesOf({ dockerSecurityOptions: ['no-new-privileges'] })).toEqual([])
  })

  it('follows from an account of Active Directory', () => {
    expect(attributesOf({ dockerSecurityOptions: ['credentialspec:file://web.json'] })).toEqual([
      'ecs.capability.gmsa',
    ])
    expect(attributesOf({ credentialSpecs: ['credentialspecdomainless:arn:aws:s3:::a/b.json'] })).toEqual([
      'ecs.capability.gmsa-domainless',
    ])
  })
})
