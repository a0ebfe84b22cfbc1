/** Writes the generated files under `docs/`: `node test/docs/generate.ts`. */
import { writeFileSync } from 'node:fs'
import { DOCS_FOLDER, GENERATED } from './pages.ts'

for (const [name, make] of Object.entries(GENERATED)) {
  writeFileSync(new URL(name, DOCS_FOLDER), make())
  console.log(`wrote docs/${name}`)
}
