/** A job that would have the runner go where it must not. */
import { createServer } from 'node:http'
import { z } from 'zod'
import type { Step } from '../../runner/workshop.ts'
import type { Attack, Seen, Topic } from '../attack.ts'
import { bait, marksOf } from '../stages/clones.ts'
import { failureOf, success, withJob } from '../stages/job.ts'

const sh = (script: string): Step => ({ do: 'sh', script })
const HOSTS = 'Every address is checked against the allowed hosts, and must be https, before a token is asked for.'
const REFS = 'The job is refused: a branch must be a name that git takes for one.'

/** A job that must be refused before anything of it is done. */
function refused(name: string, how: string, stopped: string, leg: (bait: string) => object): Attack {
  return {
    name,
    how,
    stopped,
    told: 'people',
    attempt: () =>
      withJob(
        async (shop) => ({ steps: [sh('true'), success()], legs: [leg(await bait(shop, 'refused'))] }),
        async (done) => {
          const tokens = done.shop.app.tokens.length
          const got = [
            ...(tokens > 0 ? [`${tokens} tokens`] : []),
            ...((await marksOf(done.shop)).length > 0 ? ['a program ran on the host'] : []),
            ...(done.result.status === 'finished' ? ['the job was done'] : []),
          ]
          return { got, stopped: failureOf(done) ?? '', told: failureOf(done) }
        },
      ),
  }
}

async function redirect(): Promise<Seen> {
  const heard: string[] = []
  const thief = createServer((request, response) => {
    heard.push(request.headers.authorization ?? 'asked')
    response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => thief.listen(0, '127.0.0.1', resolve))
  const { port: thiefPort } = z.object({ port: z.number() }).parse(thief.address())
  const server = createServer((request, response) => {
    const asked = request.headers.authorization !== undefined
    if (asked) response.writeHead(302, { location: `http://127.0.0.1:${thiefPort}${request.url}` }).end()
    else response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = z.object({ port: z.number() }).parse(server.address())
  try {
    return await withJob(
      (shop) => ({
        steps: [success()],
        legs: [{ cloneUrl: `http://127.0.0.1:${port}/acme/api.git` }],
        more: { allowedHosts: [`127.0.0.1:${port}`, new URL(shop.app.url).host] },
      }),
      (done) => ({ got: heard.map(() => 'the other host was asked'), stopped: failureOf(done) ?? '', told: failureOf(done) }),
    )
  } finally {
    thief.close()
    server.close()
  }
}

export const jobs: Topic = {
  title: 'Jobs',
  attacks: [
    refused('a clone address that is a program', '`ext::` as the address of a repository.', HOSTS, (program) => ({
      cloneUrl: `ext::${program}`,
    })),
    refused('a clone address that is a file', '`file:///etc` as the address.', HOSTS, () => ({
      cloneUrl: 'file:///etc/x.git',
    })),
    refused('a clone address elsewhere', 'A host that is not allowed.', HOSTS, () => ({
      cloneUrl: 'https://evil.attacker.test/acme/api.git',
    })),
    refused(
      'a clone address that only looks right',
      'The allowed host as a user name: `https://github.com@attacker.test`.',
      HOSTS,
      () => ({
        cloneUrl: 'https://127.0.0.1@evil.attacker.test/acme/api.git',
      }),
    ),
    refused('a branch that is an option', '`--upload-pack=…` as the base branch.', REFS, (program) => ({
      baseBranch: `--upload-pack=${program}`,
    })),
    refused('a branch that is a path', '`../../../../x` as the work branch.', REFS, () => ({ workBranch: '../../../../x' })),
    refused('a branch that is two', '`main:refs/heads/other` as the work branch.', REFS, () => ({
      workBranch: 'main:refs/heads/other',
    })),
    {
      name: 'a server that sends git elsewhere',
      how: 'The git server takes the token and redirects to another host.',
      stopped: 'Redirects are not followed; a token is sent to its own address only.',
      told: 'people',
      attempt: redirect,
    },
  ],
}
