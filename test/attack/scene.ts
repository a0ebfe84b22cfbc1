/** What attacks share: an app, a job, a sandbox are opened once, by the first that needs them. */

export interface Scene {
  readonly closers: (() => Promise<void>)[]
}

export interface Opened<T> {
  readonly stage: T
  close(): Promise<void>
}

export function newScene(): Scene {
  return { closers: [] }
}

/** Gives the stage of a scene: opened at the first call, the same one at each further. */
export function stage<T>(open: (scene: Scene) => Promise<Opened<T>>): (scene: Scene) => Promise<T> {
  const opened = new WeakMap<Scene, Promise<T>>()
  return (scene) => {
    const known = opened.get(scene)
    if (known !== undefined) return known
    const opening = open(scene).then(({ stage: made, close }) => {
      scene.closers.push(close)
      return made
    })
    opened.set(scene, opening)
    // What could not be opened is opened anew for whoever asks next.
    opening.catch(() => opened.delete(scene))
    return opening
  }
}

/** A stage that has nothing to close. */
export function once<T>(make: (scene: Scene) => Promise<T>): (scene: Scene) => Promise<T> {
  return stage(async (scene) => ({ stage: await make(scene), close: async () => undefined }))
}

/** Closes everything, the last opened first. */
export async function closeScene({ closers }: Scene): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close()
}
