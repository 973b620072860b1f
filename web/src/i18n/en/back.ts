// Texts that no counter needs: a cold load of the sale does not fetch them.
import analysis from './analysis.json'
import bench from './bench.json'
import help from './help.json'
import office from './office.json'

export default { analysis, bench, help, office }
