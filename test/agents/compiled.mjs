/**
 * Starts a TypeScript program of the tests, its path the first argument, from compiled code that is kept: half of a short
 * program's time is compiling, and this file is no TypeScript so that Node need not load its compiler at all.
 */
import { enableCompileCache } from 'node:module'
import process from 'node:process'
import { fileURLToPath, pathToFileURL } from 'node:url'

enableCompileCache(fileURLToPath(new URL('../../node_modules/.cache/switchyard/compiled', import.meta.url)))
const [program = ''] = process.argv.splice(2, 1)
await import(pathToFileURL(program).href)
