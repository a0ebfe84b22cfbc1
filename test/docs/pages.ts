/** Every generated file under `docs/`, by name. */
import { configurationJsonSchema } from '../../src/config/publish.ts'
import { commandsPage } from './commands-page.ts'
import { configurationPage } from './configuration-page.ts'
import { environmentPage } from './environment-page.ts'

export const DOCS_FOLDER = new URL('../../docs/', import.meta.url)

export const GENERATED: Record<string, () => string> = {
  'configuration.md': configurationPage,
  'environment.md': environmentPage,
  'commands.md': commandsPage,
  'switchyard.schema.json': () => `${JSON.stringify(configurationJsonSchema(), null, 2)}\n`,
}
