import type { Account } from './model.ts'
import { account, type World } from './world.ts'

/** A team of an organisation: its members by account id, and whether each has accepted. */
export interface Team {
  organization: Account
  slug: string
  members: Map<number, 'active' | 'pending'>
}

export interface NewTeam {
  organization: string
  /** Its name, which is its slug here. */
  slug: string
  members: string[]
  /** Invited, and not yet there. */
  invited?: string[]
}

export function createTeam(world: World, { organization, slug, members, invited = [] }: NewTeam): Team {
  const owner = account(world, organization)
  if (owner.type !== 'Organization') throw new Error(`${organization} is no organisation, and has no teams`)
  const team: Team = { organization: owner, slug, members: new Map() }
  for (const login of members) team.members.set(account(world, login).id, 'active')
  for (const login of invited) team.members.set(account(world, login).id, 'pending')
  world.teams.set(keyOf(organization, slug), team)
  return team
}

export function findTeam(world: World, organization: string, slug: string): Team | null {
  return world.teams.get(keyOf(organization, slug)) ?? null
}

function keyOf(organization: string, slug: string): string {
  return `${organization}/${slug}`.toLowerCase()
}
