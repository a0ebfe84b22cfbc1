import { ask, askOrNull, GitHubError } from './errors.ts'
import { fullNameOf, type Octokit, type Repository } from './octokit.ts'

/** A label as GitHub takes it: the colour is six hexadecimal digits, the description at most 100 characters. */
export interface Label {
  name: string
  color: string
  description: string
}

/** Creates a label where it does not exist; an existing one keeps its colour and description. */
export async function ensureLabel(octokit: Octokit, repository: Repository, label: Label): Promise<void> {
  const what = `create the label ${label.name} in ${fullNameOf(repository)}`
  const found = await askOrNull(what, () => octokit.rest.issues.getLabel({ ...repository, name: label.name }))
  if (found !== null) return
  try {
    await ask(what, () => octokit.rest.issues.createLabel({ ...repository, ...label }))
  } catch (error) {
    // 422: somebody created it in between.
    if (error instanceof GitHubError && error.status === 422) return
    throw error
  }
}

/** The names of an issue's or pull request's labels. */
export async function labelsOf(octokit: Octokit, repository: Repository, number: number): Promise<string[]> {
  return ask(`read the labels of ${fullNameOf(repository)}#${number}`, async () => {
    const labels = await octokit.paginate(octokit.rest.issues.listLabelsOnIssue, {
      ...repository,
      issue_number: number,
      per_page: 100,
    })
    return labels.map((label) => label.name)
  })
}

/**
 * Makes this the one label of an issue whose name begins with `prefix`. Writes nothing where that is so already, else
 * adds one and removes one: replacing the whole set in one write would undo what a person does at the same time.
 */
export async function setStateLabel(
  octokit: Octokit,
  repository: Repository,
  number: number,
  wanted: Label,
  prefix: string,
): Promise<void> {
  const present = await labelsOf(octokit, repository, number)
  if (!present.includes(wanted.name)) {
    await ensureLabel(octokit, repository, wanted)
    await ask(`label ${fullNameOf(repository)}#${number}`, () =>
      octokit.rest.issues.addLabels({ ...repository, issue_number: number, labels: [wanted.name] }),
    )
  }
  const stale = present.filter((name) => name.startsWith(prefix) && name !== wanted.name)
  for (const name of stale) await removeLabel(octokit, repository, number, name)
}

/** Takes a label off an issue or pull request; true where it was there. */
export async function removeLabel(octokit: Octokit, repository: Repository, number: number, name: string): Promise<boolean> {
  const removed = await askOrNull(`remove the label ${name} from ${fullNameOf(repository)}#${number}`, () =>
    octokit.rest.issues.removeLabel({ ...repository, issue_number: number, name }),
  )
  return removed !== null
}
