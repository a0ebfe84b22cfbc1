import { afterAll, beforeAll, expect, test } from 'vitest'
import { AT, type Fixture, startFixture } from '../fixture.ts'

let fixture: Fixture
let number: number

beforeAll(async () => {
  fixture = await startFixture()
  await fixture.github.as('ana').push('acme/shop', 'work', { a: 'a' }, 'A')
  number = (await fixture.octokit.rest.pulls.create({ ...AT, title: 'A', head: 'work', base: 'main' })).data.number
})
afterAll(() => fixture.stop())

const ask = (fields: string) =>
  fixture.octokit.graphql<{ repository: { pull: Record<string, unknown> } }>(
    `query One($number: Int!) { repository(owner: "acme", name: "shop") { pull: pullRequest(number: $number) { ${fields} } } }`,
    { number },
  )

test('a query answers what it asks for, under the names it gives', async () => {
  expect(await ask('number, draft: isDraft reviewThreads(first: 5) { nodes { id } }')).toEqual({
    repository: { pull: { number, draft: false, reviewThreads: { nodes: [] } } },
  })
})

test('what is not served is a GraphQL error', async () => {
  await expect(ask('bodyHTML')).rejects.toThrow("Field 'bodyHTML' is not served")
  await expect(fixture.octokit.graphql('query { viewer { login } }')).rejects.toThrow("Field 'viewer' is not served")
  const missing = fixture.octokit.graphql('query { repository(owner: "acme", name: "none") { id } }')
  await expect(missing).rejects.toThrow("Could not resolve to a Repository with the name 'acme/none'.")
})
