import type { Bench } from './bench.ts'
import { calls } from './calls/calls.ts'
import { events } from './events/events.ts'
import { gateway } from './gateway/gateway.ts'
import { job } from './job/job.ts'
import { memory } from './memory.ts'
import { queue } from './queue.ts'
import { stream } from './stream/stream.ts'
import { webhook } from './webhook/webhook.ts'
import { workflow } from './workflow.ts'
import { writes } from './writes.ts'

/** Every bench, in the order in which they run. */
export const BENCHES: readonly Bench[] = [webhook, events, job, stream, gateway, queue, memory, writes, workflow, calls]
