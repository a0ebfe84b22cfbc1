import { BODY_MAX } from './comments.ts'
import { ask } from './errors.ts'
import { fullNameOf, type Octokit, PAGE_SIZE, type Repository } from './octokit.ts'

/** Clocks of the app and of GitHub may differ by so much, in ms. */
const CLOCK_SKEW_MS = 3_600_000

/** An issue that the App filed. */
export interface Ticket {
  number: number
  url: string
}

/** What an issue is filed with. */
export interface NewTicket {
  /** Hidden in the body; the issue is found by it. */
  marker: string
  title: string
  body: string
  labels: readonly string[]
}

/**
 * The oldest issue by this account whose body has the hidden marker, open or closed; null where there is none. Somebody
 * else's issue with a copied marker is not it.
 *
 * @param since ms since the epoch: it was not filed before
 */
export async function findTicket(
  octokit: Octokit,
  repository: Repository,
  wanted: { marker: string; author: { login: string; id: number }; since: number },
): Promise<Ticket | null> {
  const pages = octokit.paginate.iterator(octokit.rest.issues.listForRepo, {
    ...repository,
    creator: wanted.author.login,
    state: 'all',
    sort: 'created',
    direction: 'asc',
    since: new Date(Math.max(0, wanted.since - CLOCK_SKEW_MS)).toISOString(),
    per_page: PAGE_SIZE,
  })
  return ask(`look for an issue of ours in ${fullNameOf(repository)}`, async () => {
    for await (const { data } of pages) {
      const found = data.find(
        (each) =>
          each.user?.id === wanted.author.id && each.pull_request === undefined && (each.body ?? '').includes(wanted.marker),
      )
      if (found !== undefined) return { number: found.number, url: found.html_url }
    }
    return null
  })
}

/**
 * Files an issue; labels that are not there yet are made. Look with {@link findTicket} first.
 *
 * @see https://docs.github.com/en/rest/issues/issues#create-an-issue
 */
export async function createTicket(octokit: Octokit, repository: Repository, wanted: NewTicket): Promise<Ticket> {
  const body = `${wanted.marker}\n${wanted.body}`.slice(0, BODY_MAX)
  return ask(`file an issue in ${fullNameOf(repository)}`, async () => {
    const { data } = await octokit.rest.issues.create({ ...repository, title: wanted.title, body, labels: [...wanted.labels] })
    return { number: data.number, url: data.html_url }
  })
}
