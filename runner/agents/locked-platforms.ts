import { z } from 'zod'
import type { AgentPackage } from './tools.ts'

const Lock = z.object({
  packages: z.record(
    z.string(),
    z.object({
      os: z.array(z.string()).default([]),
      cpu: z.array(z.string()).default([]),
      optional: z.boolean().default(false),
    }),
  ),
})

/** The platforms (`linux-x64`) that an agent's lock file has its program for; null where the program runs on any. */
export function lockedPlatforms({ native }: AgentPackage, lock: string): string[] | null {
  if (native !== true) return null
  const { packages } = Lock.parse(JSON.parse(lock))
  const all = Object.values(packages).flatMap(({ os, cpu, optional }) =>
    optional ? os.flatMap((system) => cpu.map((processor) => `${system}-${processor}`)) : [],
  )
  return [...new Set(all)].sort()
}
