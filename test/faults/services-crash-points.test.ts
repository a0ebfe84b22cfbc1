import { crashSuite } from './crash-suite.ts'

crashSuite('services', 'app and runner with Postgres and Redis')
