/** Berth's own: what a host's load balancers do. Only the host that carries a load balancer is told of it. */

export type IngressFact =
  | LoadBalancerFact
  | ListenerFact
  | TargetGroupFact
  | TargetFact
  | CertificateFact
  | TrustStoreFact
  | RevocationPieceFact
  | ChallengeFact

/** `load-balancer/ARN` */
export interface LoadBalancerFact {
  readonly key: string
  readonly kind: 'load-balancer'
  readonly arn: string
  readonly type: 'application' | 'network'
  /** Where its listeners listen, in the host's own network. */
  readonly frontAddress: string
  /** Its interface in its VPC, through which it reaches targets by their addresses there. */
  readonly interfaceId?: string
  /** Of that interface: its listeners listen there, too, for what is in the VPC. */
  readonly interfaceAddress?: string
  /** (AWS: LoadBalancerAttribute) */
  readonly attributes: Readonly<Record<string, string>>
  /** Of one whose rules authenticate users. */
  readonly authenticationKeys?: AuthenticationKeys
}

/** The same wherever a load balancer is carried, so that users stay logged in as it moves. */
export interface AuthenticationKeys {
  /** 32 bytes, as hex: what keeps sessions and logins that are under way is derived of it. */
  readonly sessionSecret: string
  /** Signs what targets are told of users: a private key of P-256, PEM. */
  readonly signingKey: string
  /** `kid` of what it signs. */
  readonly keyId: string
}

/** `listener/ARN` */
export interface ListenerFact {
  readonly key: string
  readonly kind: 'listener'
  readonly arn: string
  readonly loadBalancerArn: string
  readonly port: number
  readonly protocol: 'HTTP' | 'HTTPS' | 'TCP' | 'TLS' | 'UDP' | 'TCP_UDP'
  /** (AWS: security policies for load balancers) */
  readonly sslPolicy?: string
  /** The first is the default one. */
  readonly certificateArns: readonly string[]
  readonly alpnPolicy?: string
  readonly mutualAuthentication?: {
    readonly mode: 'off' | 'passthrough' | 'verify'
    readonly trustStoreArn?: string
    readonly ignoresExpiry: boolean
    /** Clients are told the names of the trust store's authorities. */
    readonly advertisesNames: boolean
  }
  /** (AWS: ListenerAttribute) */
  readonly attributes: Readonly<Record<string, string>>
  /** In the order in which they are tried; the last is the default one, without conditions. */
  readonly rules: readonly IngressRule[]
}

export interface IngressRule {
  readonly arn: string
  /** All must hold. */
  readonly conditions: readonly IngressCondition[]
  /** In order; the last one ends the request. */
  readonly actions: readonly IngressAction[]
  readonly transforms: readonly IngressTransform[]
}

/** One of the values must match: with AWS's wildcards, or as a regular expression. */
export type IngressCondition =
  | {
      readonly field: 'host-header' | 'path-pattern' | 'http-request-method'
      readonly values: readonly string[]
      readonly isRegex: boolean
    }
  | {
      readonly field: 'http-header'
      readonly name: string
      readonly values: readonly string[]
      readonly isRegex: boolean
    }
  | {
      readonly field: 'query-string'
      readonly values: readonly { readonly key?: string; readonly value: string }[]
    }
  | { readonly field: 'source-ip'; readonly values: readonly string[] }

export type IngressAction =
  | {
      readonly type: 'forward'
      readonly targetGroups: readonly { readonly arn: string; readonly weight: number }[]
      readonly stickySeconds?: number
    }
  | {
      readonly type: 'redirect'
      readonly protocol: string
      readonly host: string
      readonly port: string
      readonly path: string
      readonly query: string
      readonly statusCode: 301 | 302
    }
  | {
      readonly type: 'fixed-response'
      readonly statusCode: number
      readonly contentType?: string
      readonly body: string
    }
  | { readonly type: 'authenticate-oidc'; readonly configuration: OidcConfiguration }
  | { readonly type: 'jwt-validation'; readonly configuration: JwtConfiguration }

/** (AWS: AuthenticateOidcActionConfig) */
export interface OidcConfiguration {
  readonly issuer: string
  readonly authorizationEndpoint: string
  readonly tokenEndpoint: string
  readonly userInfoEndpoint: string
  readonly clientId: string
  readonly clientSecret: string
  readonly sessionCookieName: string
  readonly scope: string
  readonly sessionTimeoutSeconds: number
  readonly onUnauthenticatedRequest: 'deny' | 'allow' | 'authenticate'
  readonly extraParameters: Readonly<Record<string, string>>
}

/** (AWS: JwtValidationActionConfig) */
export interface JwtConfiguration {
  readonly jwksEndpoint: string
  readonly issuer: string
  readonly additionalClaims: readonly {
    readonly name: string
    readonly format: 'single-string' | 'string-array' | 'space-separated-values'
    readonly values: readonly string[]
  }[]
}

/** (AWS: RuleTransform) */
export interface IngressTransform {
  readonly type: 'url-rewrite' | 'host-header-rewrite'
  readonly regex: string
  readonly replace: string
}

/** `target-group/ARN` */
export interface TargetGroupFact {
  readonly key: string
  readonly kind: 'target-group'
  readonly arn: string
  readonly targetType: 'instance' | 'ip'
  readonly protocol: 'HTTP' | 'HTTPS' | 'TCP' | 'TLS' | 'UDP' | 'TCP_UDP'
  readonly protocolVersion?: 'HTTP1' | 'HTTP2' | 'GRPC'
  readonly healthCheck: {
    readonly isEnabled: boolean
    readonly protocol: 'HTTP' | 'HTTPS' | 'TCP'
    /** Absent: the port of each target. */
    readonly port?: number
    readonly path: string
    /** `200-299,301`; of gRPC, its own codes. */
    readonly matcher: string
    readonly intervalSeconds: number
    readonly timeoutSeconds: number
    readonly healthyThreshold: number
    readonly unhealthyThreshold: number
  }
  /** (AWS: TargetGroupAttribute) */
  readonly attributes: Readonly<Record<string, string>>
}

/** `target/GROUP ARN/TARGET/PORT`: the target as the API names it */
export interface TargetFact {
  readonly key: string
  readonly kind: 'target'
  readonly targetGroupArn: string
  /** Where it is reached: an address of the VPC, or of a host. */
  readonly address: string
  /** True: by the load balancer's interface; false: by the host's own network. */
  readonly isInVpc: boolean
  readonly port: number
  /** As the API names it: an address or an instance's id. */
  readonly targetId: string
  readonly isDraining: boolean
}

/** `certificate/ARN`: PEM. */
export interface CertificateFact {
  readonly key: string
  readonly kind: 'certificate'
  readonly arn: string
  readonly certificate: string
  readonly chain: string
  readonly privateKey: string
}

/** `trust-store/ARN`: told after the pieces that it names. */
export interface TrustStoreFact {
  readonly key: string
  readonly kind: 'trust-store'
  readonly arn: string
  /** PEM. */
  readonly certificates: string
  readonly revocations: readonly { readonly id: number; readonly pieceCount: number }[]
}

/** `revocation-piece/TRUST STORE'S ARN|ID|INDEX`: a part of a list, which has never another text. */
export interface RevocationPieceFact {
  readonly key: string
  readonly kind: 'revocation-piece'
  readonly trustStoreArn: string
  readonly revocationId: number
  /** From 0. */
  readonly index: number
  /** Of the list as PEM. */
  readonly text: string
}

/** `challenge/CERTIFICATE'S ARN`: what every listener that speaks HTTP answers an authority. (RFC 8555, 8.3) */
export interface ChallengeFact {
  readonly key: string
  readonly kind: 'challenge'
  readonly answers: readonly {
    /** The last part of the path, of `A-Z a-z 0-9 - _` alone. */
    readonly token: string
    readonly keyAuthorization: string
  }[]
}

/** `BerthTargetHealth`: agent to control plane, the targets whose health changed, all of them as a session begins. */
export interface BerthTargetHealth {
  readonly isWhole: boolean
  readonly targets: readonly {
    readonly targetGroupArn: string
    readonly targetId: string
    readonly port: number
    readonly state: 'initial' | 'healthy' | 'unhealthy' | 'draining' | 'drained'
    /** (AWS: TargetHealth, Reason) */
    readonly reason?: string
    readonly description?: string
  }[]
}

/**
 * `BerthLoadBalancerRefusals`: agent to control plane, all load balancers of the host whose newest configuration HAProxy does not
 * take. They go on as they were before.
 */
export interface BerthLoadBalancerRefusals {
  readonly refused: readonly {
    readonly loadBalancerArn: string
    /** HAProxy's own words. */
    readonly reason: string
  }[]
}

/** `BerthTraffic`: agent to control plane, what went through since the message before. */
export interface BerthTraffic {
  readonly targetGroups: readonly {
    readonly loadBalancerArn: string
    readonly targetGroupArn: string
    readonly requests: number
    readonly answers2xx: number
    readonly answers3xx: number
    readonly answers4xx: number
    readonly answers5xx: number
    readonly connectionErrors: number
    /** Seconds: sum over the requests, and the most. */
    readonly responseTimeSum: number
    readonly responseTimeMax: number
    readonly newConnections: number
    readonly processedBytes: number
  }[]
}
