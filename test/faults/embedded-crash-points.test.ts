import { crashSuite } from './crash-suite.ts'

crashSuite('embedded', 'one process with PGlite')
