/** Who asks, by the Authorization header. https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app */
import { createVerify } from 'node:crypto'
import { ApiError, notFound } from '../api-error.ts'
import { allows, covers } from '../state/grants.ts'
import type { Token } from '../state/model.ts'
import { findRepository, type World } from '../state/world.ts'
import type { Call, Need, Principal, RepositoryCall } from './registry.ts'

const CLOCK_SKEW_SECONDS = 60
const LONGEST_JWT_SECONDS = 600

export function authenticate(world: World, authorization: string | null): Principal {
  const value = credential(authorization)
  if (value === null) throw new ApiError(401, 'Requires authentication')
  if (value.split('.').length === 3 && !value.startsWith('ghs_')) return { kind: 'app', app: appOfJwt(world, value) }
  const token = liveToken(world, value)
  if (!token) throw new ApiError(401, 'Bad credentials')
  return { kind: 'installation', app: token.installation.app, installation: token.installation, token }
}

function credential(authorization: string | null): string | null {
  const [scheme = '', value] = (authorization ?? '').split(' ')
  if (value === undefined) return null
  if (scheme.toLowerCase() !== 'basic') return value
  return Buffer.from(value, 'base64').toString('utf8').split(':').slice(1).join(':')
}

/** A token that exists, has not expired and whose installation still stands. */
export function liveToken(world: World, value: string): Token | null {
  const token = world.tokens.get(value)
  if (!token || token.expiresAt <= world.now().getTime() || token.installation.deleted) return null
  return token
}

function appOfJwt(world: World, jwt: string) {
  const [header = '', payload = '', signature = ''] = jwt.split('.')
  const claims = decode(payload)
  const issuer = String(claims.iss)
  const app = [...world.apps.values()].find((one) => String(one.id) === issuer || one.clientId === issuer)
  if (!app) throw new ApiError(401, "'Issuer' claim ('iss') must be an Integer or a client id of an existing App")
  if (decode(header).alg !== 'RS256') throw new ApiError(401, 'A JSON web token could not be decoded')
  const verified = createVerify('RSA-SHA256').update(`${header}.${payload}`).verify(app.publicKey, signature, 'base64url')
  if (!verified) throw new ApiError(401, 'A JSON web token could not be decoded')

  const now = Math.floor(world.now().getTime() / 1_000)
  const { exp, iat } = claims
  if (typeof exp !== 'number') throw new ApiError(401, "'Expiration time' claim ('exp') must be a numeric value")
  if (exp <= now)
    throw new ApiError(
      401,
      "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
    )
  if (exp > now + LONGEST_JWT_SECONDS + CLOCK_SKEW_SECONDS) {
    throw new ApiError(401, "'Expiration time' claim ('exp') is too far in the future")
  }
  if (typeof iat !== 'number' || iat > now + CLOCK_SKEW_SECONDS) {
    throw new ApiError(401, "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued")
  }
  return app
}

function decode(part: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
    if (typeof value === 'object' && value !== null) return { ...value }
  } catch {
    // Falls through to the answer below.
  }
  throw new ApiError(401, 'A JSON web token could not be decoded')
}

/** The repository that a call names, if its token covers it; a token that does not gets the answer of a missing one. */
export function authorizeRepository(call: Call, needs: Need[]): RepositoryCall {
  const { principal, params, world } = call
  if (principal.kind !== 'installation') throw new ApiError(401, 'A JSON web token is not accepted here')
  const { installation, token, app } = principal
  if (installation.suspendedAt !== null) throw new ApiError(403, 'This installation has been suspended')
  const repository = findRepository(world, `${params.owner}/${params.repo}`)
  const covered = repository !== null && covers(installation, repository) && (token.repositories?.has(repository.id) ?? true)
  if (repository === null || (!covered && repository.private)) throw notFound()
  const reading = needs.every((need) => Object.values(need).every((level) => level === 'read'))
  if (!covered && !reading) throw forbidden(needs)
  // What is public can be read by every token. Where the App is installed it needs the permission all the same: a
  // permission missing from the manifest is to be found here and not in somebody's private repository.
  if (covered && !permitted(token, needs)) throw forbidden(needs)
  return { ...call, repository, installation, token, app }
}

export function permitted(token: Token, needs: Need[]): boolean {
  return needs.some((need) => Object.entries(need).every(([name, level]) => allows(token.permissions, name, level)))
}

function forbidden(needs: Need[]): ApiError {
  const accepted = needs
    .map((need) =>
      Object.entries(need)
        .map(([name, level]) => `${name}=${level}`)
        .join(','),
    )
    .join('; ')
  return new ApiError(403, 'Resource not accessible by integration', { headers: { 'x-accepted-github-permissions': accepted } })
}
