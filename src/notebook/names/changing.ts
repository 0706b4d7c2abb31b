/**
 * Which calls change what they are called on. Python does not say, so these are habits of its libraries.
 *
 * A cell that only calls a method on a name (`lst.append(1)`, `model.fit(x)`) is taken to change it unless the method is known to
 * only read: a cell run for nothing costs time, a cell left out costs the result. On the right of an assignment the opposite
 * holds (`b = a.join(c)` is how new values are made), but for methods that are known to change.
 */

const READS = new Set(
  `abs agg aggregate all any apply applymap asof assign astype barh between boxplot clip columns
  copy corr count cov cummax cummin cumprod cumsum decode describe diff display dot drop_duplicates
  dtypes dump dumps duplicated encode endswith eq equals eval evaluate explain explode filter
  find first format ge get get_params get_support groupby gt head hist iat idxmax idxmin iloc index
  info isdigit isin isna isnull item items iterrows itertuples join keys kurt last le lineplot
  loc lower lstrip lt map max mean median melt memory_usage merge min mode named_parameters ndim ne
  nlargest notna notnull nsmallest nunique parameters pct_change pipe pivot pivot_table plot
  predict predict_proba printSchema prod quantile query rank reindex rename replace resample
  rolling round rstrip sample save save_model savefig scatter score select_dtypes sem show skew
  sort_index sort_values split splitlines startswith state_dict std strip style sum summary swapaxes
  tail take to_clipboard to_csv to_dict to_excel to_feather to_frame to_hdf to_html to_json
  to_latex to_list to_markdown to_netcdf to_numpy to_parquet to_pickle to_sql to_string tolist
  transform transpose unique unstack upper value_counts values var view where write_csv
  write_parquet xs`.split(/\s+/)
);

const WRITES = new Set(
  `add append appendleft backward clear compile discard execute executemany extend fit fit_generator
  fit_predict fit_transform heappop heappush insert learn load_state_dict load_weights next
  partial_fit pop popitem popleft push put read readline readlines register remove reverse seek
  setdefault shuffle sort step train update write zero_grad`.split(/\s+/)
);

/** On a module most calls only make something; these set it up. */
const CONFIGURES =
  /^(set|reset|use|seed|manual_seed|config|configure|basicConfig|option|enable|disable|register|install|init|append|insert|update|chdir|putenv|filterwarnings|simplefilter|load_dotenv|switch_backend|rc|login)(?=$|_|[A-Z])|_seed$/;

/** Functions that are handed something to change. */
const CHANGES_ARGUMENTS = /shuffle|heap|insort|setattr|delattr|inplace|[^_]_$|^(train|fit|update)/i;

/** Functions that only look. */
const LOOKS =
  /^(print|pprint|display|show|plot|draw|hist|scatter|len|type|help|dir|vars|id|repr|str|isinstance|sum|min|max|any|all|sorted|list|dict|set|tuple|assert|check|describe|summar|save|dump|export|write)/;

/** `name.method()` as a statement. */
export function changesByStatement(method: string): boolean {
  return !READS.has(method);
}

/** `x = name.method()`. */
export function changesByExpression(method: string): boolean {
  return WRITES.has(method) || method.startsWith('train');
}

export function configures(method: string): boolean {
  return CONFIGURES.test(method);
}

/** `f(name)`, where `statement` tells that the result is not kept. */
export function changesArguments(callee: string, statement: boolean): boolean {
  return CHANGES_ARGUMENTS.test(callee) || (statement && !LOOKS.test(callee));
}

/** `module.f(name)` or `trainer.fit(name)`. */
export function methodChangesArguments(root: string, method: string): boolean {
  return /shuffle|heappush|heapify|heappop|insort|[^_]_$/.test(method) || /train/i.test(root);
}
