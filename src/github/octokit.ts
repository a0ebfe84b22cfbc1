import type { ProbotOctokit } from 'probot'

/** One installation's (or the App's own) client, as Probot makes it. */
export type Octokit = ProbotOctokit

/** A repository by name, as GitHub's routes want it. */
export type Repository = { owner: string; repo: string }

/** Takes `owner/name` apart. */
export function repositoryOf(fullName: string): Repository {
  const slash = fullName.indexOf('/')
  return { owner: fullName.slice(0, slash), repo: fullName.slice(slash + 1) }
}

/** Puts `owner/name` together. */
export function fullNameOf(repository: Repository): string {
  return `${repository.owner}/${repository.repo}`
}

/** GitHub's largest page. */
export const PAGE_SIZE = 100
