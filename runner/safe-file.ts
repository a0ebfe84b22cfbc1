import { constants, type Stats } from 'node:fs'
import { type FileHandle, lstat, open, readdir, readlink, realpath } from 'node:fs/promises'
import path from 'node:path'

/** A file that the agent could write is not what it must be: a link, a device, too large, outside its folder. */
export class UnsafeFileError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'UnsafeFileError'
  }
}

/**
 * Reads a file below a folder that the agent can write, while the agent may still be changing it. Follows no symbolic
 * link, not even in the folders between: after opening, the path that the kernel knows for the open file must be the one
 * asked for. Gives null where there is no such file; throws {@link UnsafeFileError} for anything but a regular file of at
 * most `maxBytes`.
 *
 * @param root an absolute path without symbolic links in it, owned by the host
 */
export async function readInside(root: string, relative: string, maxBytes: number): Promise<Buffer | null> {
  return await withFileInside(root, relative, async (handle, size) => {
    if (size > maxBytes) throw new UnsafeFileError(`${relative} is larger than ${maxBytes} bytes.`)
    const buffer = await readFrom(handle, 0, size + 1)
    // It grew while it was read: what is there is not whole.
    if (buffer.length > size) throw new UnsafeFileError(`${relative} changed while it was read.`)
    return buffer
  })
}

/** The last `maxBytes` of a file that may be of any size, with the precautions of {@link readInside}. */
export async function readTailInside(root: string, relative: string, maxBytes: number): Promise<Buffer | null> {
  return await withFileInside(root, relative, (handle, size) =>
    readFrom(handle, Math.max(0, size - maxBytes), Math.min(size, maxBytes)),
  )
}

/** The first `maxBytes` of a file that may be of any size, with the precautions of {@link readInside}. `whole`: there is no more. */
export async function readHeadInside(
  root: string,
  relative: string,
  maxBytes: number,
): Promise<{ bytes: Buffer; whole: boolean } | null> {
  return await withFileInside(root, relative, async (handle, size) => ({
    bytes: await readFrom(handle, 0, Math.min(size, maxBytes)),
    whole: size <= maxBytes,
  }))
}

async function withFileInside<T>(
  root: string,
  relative: string,
  read: (handle: FileHandle, size: number) => Promise<T>,
): Promise<T | null> {
  const file = path.join(root, relative)
  const handle = await openOrNull(file)
  if (handle === null) return null
  try {
    const stats = await handle.stat()
    if (!stats.isFile()) throw new UnsafeFileError(`${relative} is not a regular file.`)
    if ((await pathOf(handle, file, stats)) !== file)
      throw new UnsafeFileError(`${relative} is reached through a symbolic link.`)
    return await read(handle, stats.size)
  } finally {
    await handle.close()
  }
}

async function readFrom(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length)
  let filled = 0
  while (filled < length) {
    const { bytesRead } = await handle.read(buffer, filled, length - filled, position + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return buffer.subarray(0, filled)
}

/** The names in a folder below `root`, or none where there is no such folder or it is not reached without links. */
export async function listInside(root: string, relative: string): Promise<string[]> {
  const folder = path.join(root, relative)
  try {
    const stats = await lstat(folder)
    if (!stats.isDirectory() || (await realpath(folder)) !== folder) return []
    return await readdir(folder)
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

async function openOrNull(file: string): Promise<FileHandle | null> {
  try {
    // O_NONBLOCK: opening a named pipe that nobody writes must not hang.
    return await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    if (isMissing(error)) return null
    throw new UnsafeFileError(`${path.basename(file)} cannot be opened as a plain file.`, { cause: error })
  }
}

async function pathOf(handle: FileHandle, file: string, stats: Stats): Promise<string> {
  try {
    return await readlink(`/proc/self/fd/${handle.fd}`)
  } catch {
    // No /proc (macOS): compare what the path resolves to now with what was opened.
    const now = await lstat(file)
    return now.ino === stats.ino && now.dev === stats.dev ? await realpath(file) : ''
  }
}

/** Whether an error says that a file or a folder on the way to it is not there. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}
