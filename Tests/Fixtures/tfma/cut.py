import gzip,json,base64,struct,sys
G, O = sys.argv[1] + '/', sys.argv[2] + '/'
COUNTS=('threshold','true_positives','false_positives','true_negatives','false_negatives')
RATES=COUNTS+('precision','recall','false_positive_rate','f1','accuracy','false_omission_rate')
BUCKET=('lower_threshold_inclusive','upper_threshold_exclusive','num_weighted_examples','total_weighted_label','total_weighted_refined_prediction')
WANT='''example_count weighted_example_count binary_crossentropy bce_smooth mean_squared_error binary_accuracy auc auc_10k auc_minoring auc_majoring auc_precision_recall precision recall precision_at_03 recall_at_many calibration mean_label mean_prediction true_positives true_negatives false_positives false_negatives npv balanced_accuracy f1_score false_discovery_rate false_omission_rate fowlkes_mallows_index informedness markedness matthews_correlation_coefficient miss_rate fall_out specificity negative_likelihood_ratio positive_likelihood_ratio diagnostic_odds_ratio prevalence predicted_positive_rate threat_score confusion_matrix_at_thresholds'''.split()
def text(v): return '' if v is None else str(v)
def key(s):
    return ",".join(sorted("%s=%s"%(f['column'],base64.b64decode(f['bytes_value']).decode() if 'bytes_value' in f else f['int64_value']) for f in s['slice_key'].get('single_slice_keys',[])))
def write(name,lines): open(O+name,'w').write("\n".join(lines)+"\n"); print(name,len(lines))
rows=[json.loads(l) for l in gzip.open(G+'data/rows10k.jsonl.gz','rt')]
# scores are float32: their bit patterns are exact and short
write('rows.tsv',["%d\t%d\t%g\t%s\t%s\t%s"%(r['label'],struct.unpack('I',struct.pack('f',r['score']))[0],r['weight'],text(r.get('payment_type')),text(r.get('passengers')),text(r.get('zone'))) for r in rows])
for cfg in ['binary_unweighted','binary_weighted']:
    out=[]
    for s in json.load(gzip.open(G+'tfma/%s.metrics.json.gz'%cfg)):
        for kv in s['metric_keys_and_values']:
            n=kv['key']['name']
            if n not in WANT: continue
            (k,x),=kv['value'].items()
            if k=='double_value': x=[x]
            elif k=='array_value': x=x['float64_values']
            else: x=[m.get(c,0.0) for m in x['matrices'] for c in RATES]
            out.append("%s\t%s\t%s"%(key(s),n," ".join(str(y) for y in x)))
    write(cfg+'.tsv',out)
out=[]
for s in json.load(gzip.open(G+'tfma/plots.plots.json.gz')):
    if key(s) not in ('','payment_type=voucher'): continue
    for pk in s['plot_keys_and_values']:
        if pk['key'].get('name'): continue
        for f,x in pk['value'].items():
            name,cols=('matrix',COUNTS) if f=='confusion_matrix_at_thresholds' else ('bucket',BUCKET)
            out+=["%s\t%s\t%s"%(key(s),name," ".join(str(m.get(c,0.0)) for c in cols)) for m in x[{'matrix':'matrices','bucket':'buckets'}[name]]]
write('plots.tsv',out)
