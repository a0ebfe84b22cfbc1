/** Every generated file under `docs/`, by name. */
import { configurationJsonSchema } from '../../src/config/publish.ts'
import { commandsPage } from './commands-page.ts'
import { configurationPage } from './configuration-page.ts'
import { environmentPage } from './environment-page.ts'
import { pipelinesPage } from './pipelines-page.ts'
import { rolesPage } from './roles-page.ts'
import { securityPage } from './security-page.ts'
import { stepsPage } from './steps-page.ts'

export const DOCS_FOLDER = new URL('../../docs/', import.meta.url)

export const GENERATED: Record<string, () => string> = {
  'configuration.md': configurationPage,
  'pipelines.md': pipelinesPage,
  'steps.md': stepsPage,
  'roles.md': rolesPage,
  'environment.md': environmentPage,
  'commands.md': commandsPage,
  'security.md': securityPage,
  'switchyard.schema.json': () => `${JSON.stringify(configurationJsonSchema(), null, 2)}\n`,
}
