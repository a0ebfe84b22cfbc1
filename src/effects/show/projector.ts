import type { RunId } from '../../contract/ids.ts'
import { contentHash } from '../../pipeline/hash.ts'
import { getProjection, putProjection } from '../../store/projections.ts'
import type { Store } from '../../store/store.ts'

/**
 * Shows something of a run on GitHub unless it is shown already. What GitHub confirmed is kept by key with a digest of
 * what was sent, so that the same is not sent twice; `show` gets the id that GitHub gave it the last time. `prefix` stands
 * before the digest, for who asks later of what kind it was that is shown.
 */
export async function project(
  store: Store,
  run: RunId,
  key: string,
  content: unknown,
  show: (externalId: string | null) => Promise<string | null>,
  prefix = '',
): Promise<void> {
  const digest = `${prefix}${contentHash(content)}`
  const shown = await getProjection(store.db, run, key)
  if (shown?.digest === digest) return
  const externalId = await show(shown?.externalId ?? null)
  await putProjection(store.db, run, key, { externalId, digest })
}
