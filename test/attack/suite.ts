/** Tries all attacks, several at a time, in one scene. */
import pLimit from 'p-limit'
import { type Outcome, type Topic, tryAttack } from './attack.ts'
import { closeScene, newScene } from './scene.ts'

/** Attacks at the same time: most of them wait for the app. */
const TOGETHER = 6

/** Gives the outcomes in the order of the topics; `tell` hears of each as it is there. */
export async function runSuite(topics: readonly Topic[], tell: (outcome: Outcome) => void): Promise<Outcome[]> {
  const scene = newScene()
  const limit = pLimit(TOGETHER)
  try {
    return await Promise.all(
      topics.flatMap(({ title, attacks }) =>
        attacks.map((attack) =>
          limit(async () => {
            const outcome = await tryAttack(title, attack, scene)
            tell(outcome)
            return outcome
          }),
        ),
      ),
    )
  } finally {
    await closeScene(scene)
  }
}
