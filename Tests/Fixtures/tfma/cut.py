import gzip,json,base64,os,struct,sys
G, O = sys.argv[1] + '/', sys.argv[2] + '/'
COUNTS=('threshold','true_positives','false_positives','true_negatives','false_negatives')
RATES=COUNTS+('precision','recall','false_positive_rate','f1','accuracy','false_omission_rate')
BUCKET=('lower_threshold_inclusive','upper_threshold_exclusive','num_weighted_examples','total_weighted_label','total_weighted_refined_prediction')
CONFIGS='binary_unweighted binary_weighted ci_bootstrap ci_jackknife compare cross_slice min_slice multiclass multiclass_weighted_macro prevalence_threshold ranking ranking_topk regression'.split()
def text(v): return '' if v is None else str(v)
def bits(v): return "%x"%struct.unpack('I',struct.pack('f',v))[0]
def single(s): return ",".join(sorted("%s=%s"%(f['column'],base64.b64decode(f['bytes_value']).decode() if 'bytes_value' in f else f['int64_value']) for f in s.get('single_slice_keys',[])))
def key(s):
    if 'cross_slice_key' in s: return single(s['cross_slice_key']['comparison_slice_key'])+" against "+single(s['cross_slice_key']['baseline_slice_key'])
    return single(s.get('slice_key',{}))
def metric(k):
    parts=["%s=%s"%x for x in k.get('sub_key',{}).items()]+[a for a,v in k.get('aggregation_type',{}).items() if v]
    parts+=[a for a,b in (('weighted','example_weighted'),('diff','is_diff')) if k.get(b)]
    return k['name']+"\t"+" ".join([k.get('model_name','')]+parts).strip()
def value(v):
    (k,x),=v.items()
    if k=='double_value': x=[x]
    elif k=='array_value': x=x['float64_values']
    elif k=='confusion_matrix_at_thresholds': x=[m.get(c,0.0) for m in x['matrices'] for c in RATES]
    elif k.startswith('multi_class'): x=[y for m in x['matrices'] for e in m['entries'] for y in (e.get('actual_class_id',0),e.get('predicted_class_id',0),e['num_weighted_examples'])]
    else: x=[y for m in x['matrices'] for e in m['entries'] for y in [e.get('actual_class_id',0),e.get('predicted_class_id',0)]+[e.get(c,0.0) for c in COUNTS[1:]]]
    return " ".join(str(y) for y in x)
def write(name,lines): open(O+name,'w').write("\n".join(lines)+"\n"); print(name,len(lines))
rows=[json.loads(l) for l in gzip.open(G+'data/rows10k.jsonl.gz','rt')]
# scores are float32: their bit patterns are exact and short
write('rows.tsv',["%d\t%d\t%.17g\t%s\t%s\t%s"%(r['label'],struct.unpack('I',struct.pack('f',r['score']))[0],r['weight'],text(r.get('payment_type')),text(r.get('passengers')),text(r.get('zone'))) for r in rows])
write('more_rows.tsv',["\t".join([bits(r['baseline_score']),str(r['mc_label'])]+[bits(x) for x in r['mc_scores']]+[bits(r['reg_label']),bits(r['reg_pred']),r['query_id'],"%g"%r['gain'],bits(r['rank_score'])]) for r in rows])
def present(file): return os.path.exists(G+'tfma/'+file)
for cfg in CONFIGS:
    if not present(cfg+'.metrics.json.gz'): continue
    out=[]
    for s in json.load(gzip.open(G+'tfma/%s.metrics.json.gz'%cfg)):
        for kv in s.get('metric_keys_and_values',[]):
            ci=kv.get('confidence_interval')
            out.append("\t".join([key(s),metric(kv['key']),value(kv['value'])]+(["%s %s"%tuple(ci[b]['double_value'] for b in ('lower_bound','upper_bound'))] if ci else [])))
        if not s.get('metric_keys_and_values'): out.append(key(s)+"\t__ERROR__\t\t")
    write(cfg+'.tsv',out)
    open(O+cfg+'.pbtxt','w').write(open(G+'tfma/%s.config.pbtxt'%cfg).read())
out=[]
for f in ('multiclass','plots','regression'):
    for s in json.load(gzip.open(G+'tfma/%s.plots.json.gz'%f)) if present(f+'.plots.json.gz') else []:
        for pk in s['plot_keys_and_values']:
            n=pk['key'].get('name','')
            if n.startswith('multi_'):
                (v,)=pk['value'].items(); out.append("\t".join([key(s),n,value(dict([v]))]))
            elif key(s) in ('','payment_type=voucher'):
                for g,x in pk['value'].items():
                    name,cols=('matrix',COUNTS) if g=='confusion_matrix_at_thresholds' else ('bucket',BUCKET)
                    items=x[{'matrix':'matrices','bucket':'buckets'}[name]]
                    if n=='score_distribution_plot': items=items[::50]
                    out+=["%s\t%s\t%s"%(key(s),' '.join([name]+[y for y in (n,f) if y not in ('','plots')])," ".join(str(m.get(c,0.0)) for c in cols)) for m in items]
write('plots.tsv',out)
if present('plots.config.pbtxt'): open(O+'plots.pbtxt','w').write(open(G+'tfma/plots.config.pbtxt').read())
out=[]
for f in ('compare','cross_slice'):
    for v in json.load(open(G+'tfma/%s.validation.json'%f)) if present(f+'.validation.json') else []:
        for s in v.get('metric_validations_per_slice',[]):
            out+=["\t".join([f,key(s),metric(x['metric_key']),'value' if 'value_threshold' in x['metric_threshold'] else 'change']) for x in s['failures']]
        out+=["%s\t%s\tmissing\t\t"%(f,",".join("%s=%s"%p for p in sorted(x.get('feature_values',{}).items()))) for x in v.get('missing_slices',[])]
write('validation.tsv',out)
