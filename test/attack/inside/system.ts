/** What is tried with processes, rights and the kernel. */
import type { Plan } from './plan.ts'

const PROCESSES = 'A process namespace of its own: the host’s processes are not there.'
const RIGHTS = 'An unprivileged user without capabilities, without new privileges, and without namespaces within.'

export const system: readonly Plan[] = [
  {
    name: 'the agent’s own environment',
    how: '`env`, and `/proc/self/environ`.',
    stopped: 'The environment is an allow-list. There is no token of GitHub’s, no key of a vendor’s, nothing of the runner’s.',
    told: 'nobody',
    probe: () => 'env; tr "\\0" "\\n" < /proc/self/environ',
  },
  {
    name: 'the environment of other processes',
    how: 'Every `/proc/*/environ` and `/proc/*/cmdline`; one process of the host has a secret in both.',
    stopped: PROCESSES,
    told: 'nobody',
    probe: () => 'cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline | tr "\\0" "\\n"; ls /proc | grep -c "^[0-9]"',
  },
  {
    name: 'memory and files of the sandbox’s first process',
    how: '`/proc/1/root`, `/proc/1/cwd`, its open files, `/proc/kcore`, `/proc/1/mem`.',
    stopped: PROCESSES,
    told: 'nobody',
    probe: ({ secret }) =>
      `cat /proc/1/root${secret} /proc/1/cwd/etc/shadow; cat /proc/1/fd/*; head -c 100 /proc/kcore; head -c 10 /proc/1/mem`,
    harm: (_, printed) => (/^root:[^x]/m.test(printed) ? ['the host’s passwords'] : []),
  },
  {
    name: 'killing the runner',
    how: 'Signals to every process by number, and to one of the host by its number there.',
    stopped: PROCESSES,
    told: 'nobody',
    probe: ({ decoy }) => `kill -9 ${decoy.pid}; for p in $(ls /proc | grep "^[0-9]"); do echo $p; done`,
    harm: ({ host }) => (host.decoy.exitCode === null && host.decoy.signalCode === null ? [] : ['a process of the host']),
  },
  {
    name: 'the kernel’s settings',
    how: '`core_pattern`, `sysrq-trigger`, `/sys`, the kernel’s log.',
    stopped: RIGHTS,
    told: 'nobody',
    probe: () =>
      'echo "|/evil" > /proc/sys/kernel/core_pattern && echo GOT; echo h > /proc/sysrq-trigger && echo GOT; test -d /sys/kernel && echo GOT; dmesg && echo GOT',
  },
  {
    name: 'mounts, devices and namespaces of its own',
    how: '`mount`, `mknod`, `unshare`, `nsenter`, `chroot`.',
    stopped: RIGHTS,
    told: 'nobody',
    probe: () =>
      'mount -t tmpfs none /mnt && echo GOT; mount --bind / /tmp && echo GOT; mknod disk b 8 0 && echo GOT; unshare -Ur true && echo GOT; unshare -m true && echo GOT; nsenter -t 1 -m true && echo GOT; chroot / true && echo GOT',
  },
  {
    name: 'becoming somebody else',
    how: '`su`, `sudo`, every setuid program, `chown` to root.',
    stopped: RIGHTS,
    told: 'nobody',
    probe: () =>
      'su root -c "echo GOT"; sudo -n echo GOT; touch mine; chown 0 mine && echo GOT; grep -q "NoNewPrivs:.1" /proc/self/status || echo GOT; grep "^Cap\\(Eff\\|Prm\\|Bnd\\)" /proc/self/status | grep -qv "0000000000000000" && echo GOT; rm mine',
  },
  {
    name: 'secrets into the log',
    how: 'The agent prints its model token, plain and in base64, and a token of GitHub’s shape.',
    stopped: 'What is logged goes through the redactor first, which knows the job’s own values and the shapes of others.',
    told: 'people',
    harm: ({ told }) => told.match(/SAID (?!\[redacted\])[^"\\]*/g) ?? [],
    says: ({ told }) => /SAID \[redacted\]/.exec(told)?.[0] ?? null,
    probe: () =>
      'echo said; for w in "$SWITCHYARD_GATEWAY_TOKEN" "$(printf %s "$SWITCHYARD_GATEWAY_TOKEN" | base64 -w0)" ghs_0123456789abcdefABCDEF0123456789abcd; do echo "{\\"type\\":\\"text\\",\\"text\\":\\"SAID $w\\"}" >&9; done',
  },
]
