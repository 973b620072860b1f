import errors from '@catalogue/zh-CN/errors.json'
import params from '@catalogue/zh-CN/params.json'
import auth from './auth.json'
import common from './common.json'
import open from './open.json'
import replace from './replace.json'
import sale from './sale.json'
import shell from './shell.json'

export default { auth, common, errors, open, params, replace, sale, shell }
