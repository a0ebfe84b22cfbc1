/** The git server, in a process of its own. Argument: the folder of its repositories. */
import process from 'node:process'
import { startGitServer } from '../../support/git-server.ts'
import { serveParent } from '../child.ts'

const server = await startGitServer({ repos: process.argv[2] ?? '' })
serveParent(server.url)
