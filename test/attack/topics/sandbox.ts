/** What an agent tries from within its sandbox, in a job like any other. */
import type { Topic } from '../attack.ts'
import { files } from '../inside/files.ts'
import { kernel } from '../inside/kernel.ts'
import { network } from '../inside/network.ts'
import { attacksOf } from '../inside/plan.ts'
import { system } from '../inside/system.ts'

export const sandbox: Topic = {
  title: 'From within the sandbox',
  attacks: attacksOf([...system, ...kernel, ...files, ...network]),
}
