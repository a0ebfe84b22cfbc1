/**
 * What the host writes into an agent's home, where an earlier process of the agent may have put links and pipes in the way:
 * the host's rights would carry a write through them to any file. No process of the agent may be alive meanwhile.
 */
import { lstat, mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'

/** Makes a folder below `root`, with nothing but real folders on the way; what else is there is removed. Gives its path. */
export async function privateFolder(root: string, ...parts: readonly string[]): Promise<string> {
  let at = root
  for (const part of parts) {
    at = path.join(at, part)
    const stats = await lstat(at).catch(() => null)
    if (stats?.isDirectory() === true) continue
    await rm(at, { force: true })
    await mkdir(at, { mode: 0o700 })
  }
  return at
}

/** Writes a file anew in a folder of {@link privateFolder}; what is there is removed, whatever it is. */
export async function writePrivate(folder: string, name: string, content: string | Buffer): Promise<string> {
  const file = path.join(folder, name)
  await rm(file, { recursive: true, force: true })
  await writeFile(file, content, { flag: 'wx', mode: 0o600 })
  return file
}
