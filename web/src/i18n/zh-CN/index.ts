import errors from '@catalogue/zh-CN/errors.json'
import params from '@catalogue/zh-CN/params.json'
import analysis from './analysis.json'
import auth from './auth.json'
import bench from './bench.json'
import common from './common.json'
import help from './help.json'
import office from './office.json'
import open from './open.json'
import sale from './sale.json'
import shell from './shell.json'

export default { analysis, auth, bench, common, errors, help, office, open, params, sale, shell }
