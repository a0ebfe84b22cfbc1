/** What is tried with files. */
import { readdir, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import process from 'node:process'
import { type Inside, SECRETS } from '../stages/inside.ts'
import type { Plan } from './plan.ts'

const VIEW = 'The sandbox shows the job’s own folders and the system read-only; nothing else exists inside.'

/** What escaped into the folder outside. */
async function escaped({ host }: Inside): Promise<string[]> {
  return (await readdir(host.outside)).map((name) => `${name} was written outside`)
}

export const files: readonly Plan[] = [
  {
    name: 'the runner’s data folder',
    how: 'A file with a secret in the data folder, readable by everybody on the host; the git configuration of the host.',
    stopped: VIEW,
    told: 'nobody',
    probe: ({ secret, shop }) =>
      `cat ${secret} ${shop.dataDir}/git/gitconfig; ls -la ${shop.dataDir}; find ${shop.dir} -name "secret*" -exec cat {} +`,
    harm: (_, printed) => (printed.includes('hooksPath') ? ['the host’s git configuration'] : []),
  },
  {
    name: 'another job’s folder',
    how: 'The home of another job beside this one’s.',
    stopped: VIEW,
    told: 'nobody',
    probe: ({ otherJob }) => `cat ${otherJob}/secret.txt; ls -la ${path.dirname(path.dirname(otherJob))}`,
  },
  {
    name: 'another repository’s mirror',
    how: 'The objects of a repository that is not this job’s.',
    stopped: 'Of the mirrors, only the objects of the job’s own repositories are shown.',
    told: 'nobody',
    probe: ({ otherMirror }) => `cat ${otherMirror}/secret.txt; ls -R ${otherMirror}`,
  },
  {
    name: 'changing its own mirror',
    how: 'Writing, linking and deleting where its objects are shared from; reading the configuration beside them.',
    stopped: 'The objects are shown read-only, without the git directory that they belong to.',
    told: 'nobody',
    probe: () =>
      'm=$(cat .git/objects/info/alternates); echo evil > $m/evil && echo GOT; rm -rf $m/pack $m/[0-9a-f]* && echo GOT; for f in $(find $m -type f | head -3); do ln $f hard && chmod u+w hard && echo evil > hard && echo GOT; done; cat $m/../config && echo GOT',
  },
  {
    name: 'the home folders and keys of the host',
    how: '`/root`, `/home`, `/etc/shadow`, ssh keys, cloud credentials, the sockets of Docker and containerd.',
    stopped: VIEW,
    told: 'nobody',
    probe: () =>
      'for f in /etc/shadow /etc/gshadow /root/.ssh/id_rsa /root/.aws/credentials /root/.npmrc /var/run/docker.sock /run/docker.sock /run/containerd/containerd.sock /var/lib /srv /opt; do test -e $f && echo "GOT $f"; done; ls -A /root /home; for f in /root/* /home/*/*; do test -e "$f" && ! expr "$PWD" : "$f" >/dev/null && echo "GOT $f"; done',
  },
  {
    name: 'writing to the system',
    how: 'Files in `/usr/bin`, `/etc`, `/`, `/var`; the prompt and the instructions.',
    stopped: VIEW,
    told: 'nobody',
    probe: () =>
      'for f in /usr/bin/evil /etc/evil /evil /var/evil /lib/evil $SWITCHYARD_PROMPT_FILE $SWITCHYARD_INSTRUCTIONS_FILE; do echo evil > $f && echo "GOT $f"; done',
  },
  {
    name: 'links out of the workspace',
    how: 'A link to a folder of the host that everybody may write, written through; links to secrets, committed.',
    stopped: 'Behind the link there is nothing inside; outside, links are committed as links and never followed.',
    told: 'nobody',
    probe: ({ outside, secret }) =>
      `ln -s ${outside} way-out; echo evil > way-out/by-link && echo GOT; ln -s ${secret} stolen.txt; cat stolen.txt`,
    harm: async (inside) => {
      const { shop } = inside.host
      const tree = await shop.git('acme/api', 'ls-tree', 'switchyard/run1', 'stolen.txt', 'way-out')
      return [...(await escaped(inside)), ...(/^100/m.test(tree) ? ['a link was followed'] : [])]
    },
  },
  {
    name: 'having the host change the owner of its files',
    how: 'Links to a file of the host in every folder that the runner later hands over or cleans up.',
    stopped: 'The host follows no link there.',
    told: 'nobody',
    probe: ({ secret }) =>
      `for d in $HOME $(dirname $SWITCHYARD_REPORT_FILE) .; do for n in .npmrc .gitconfig link; do ln -sf ${secret} $d/$n; done; ln ${secret} $d/hard; done; rm -f ./.npmrc ./.gitconfig ./link`,
    harm: async ({ host }) => {
      const { uid } = await stat(host.secret)
      const kept = SECRETS.includes(await readFile(host.secret, 'utf8'))
      return [...(uid === process.getuid?.() ? [] : ['the owner changed']), ...(kept ? [] : ['the file changed'])]
    },
  },
]
