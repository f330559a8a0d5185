{{- /* What pods and containers have in common: Pod Security `restricted`, and where they run. */ -}}

{{- define "heavylift.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: {{ .user }}
runAsGroup: {{ .user }}
fsGroup: {{ .user }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- define "heavylift.containerSecurityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end -}}

{{- define "heavylift.pullSecrets" -}}
{{- with .Values.global.imagePullSecrets }}
imagePullSecrets:
{{- range . }}
  - name: {{ . }}
{{- end }}
{{- end }}
{{- end -}}

{{- /*
How names are looked up. Where networks enforce policies, the first question of a new pod is often lost, and a resolver asks again after
5 seconds unless it is told otherwise: longer than everything else that a worker does before its first task.
*/ -}}
{{- define "heavylift.resolver" -}}
dnsConfig:
  options: [{name: timeout, value: "1"}, {name: attempts, value: "5"}]
{{- end -}}

{{- /*
Where pods run, of a dict with `root`, `component`, for workers `pool`, and `values`: what is said of them.
*/ -}}
{{- define "heavylift.placement" -}}
{{- $labels := include "heavylift.selector" . -}}
{{- $values := .values -}}
topologySpreadConstraints:
  {{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
  - topologyKey: {{ . }}
    maxSkew: 1
    whenUnsatisfiable: {{ $values.spread }}
    labelSelector:
      matchLabels:
        {{- $labels | nindent 8 }}
    {{- if not (eq $.component "redis") }}
    matchLabelKeys: [pod-template-hash]
    {{- end }}
  {{- end }}
{{- with .values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with include "heavylift.affinity" . }}
affinity:
  {{- . | nindent 2 }}
{{- end }}
{{- with include "heavylift.tolerations" . }}
tolerations:
  {{- . | nindent 2 }}
{{- end }}
{{- with .values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end -}}

{{- /* Taints that are borne: those that the user names, of spot nodes and GPUs where asked for, and for a while that of a lost node. */ -}}
{{- define "heavylift.tolerations" -}}
{{- $all := .values.tolerations -}}
{{- if .values.spot -}}
{{- $all = append $all (dict "key" "cloud.google.com/gke-spot" "operator" "Exists" "effect" "NoSchedule") -}}
{{- $all = append $all (dict "key" "kubernetes.azure.com/scalesetpriority" "operator" "Equal" "value" "spot" "effect" "NoSchedule") -}}
{{- $all = append $all (dict "key" "karpenter.sh/capacity-type" "operator" "Equal" "value" "spot" "effect" "NoSchedule") -}}
{{- end -}}
{{- if (.values.gpu | default dict).count -}}
{{- $all = append $all (dict "key" .values.gpu.resource "operator" "Exists" "effect" "NoSchedule") -}}
{{- end -}}
{{- if hasKey .values "nodeLossSeconds" -}}
{{- range list "not-ready" "unreachable" -}}
{{- $key := printf "node.kubernetes.io/%s" . -}}
{{- $seconds := int $.values.nodeLossSeconds -}}
{{- $all = append $all (dict "key" $key "operator" "Exists" "effect" "NoExecute" "tolerationSeconds" $seconds) -}}
{{- end -}}
{{- end -}}
{{- with $all }}{{ toYaml . }}{{ end -}}
{{- end -}}

{{- /* The user's rules, and for spot a preference for such nodes by the labels of several clouds. */ -}}
{{- define "heavylift.affinity" -}}
{{- $affinity := deepCopy .values.affinity -}}
{{- if .values.spot -}}
{{- $terms := list -}}
{{- range $key, $value := dict "karpenter.sh/capacity-type" "spot" "eks.amazonaws.com/capacityType" "SPOT" "cloud.google.com/gke-spot" "true" "kubernetes.azure.com/scalesetpriority" "spot" -}}
{{- $match := dict "key" $key "operator" "In" "values" (list $value) -}}
{{- $terms = append $terms (dict "weight" 50 "preference" (dict "matchExpressions" (list $match))) -}}
{{- end -}}
{{- $affinity = mustMergeOverwrite (dict "nodeAffinity" (dict "preferredDuringSchedulingIgnoredDuringExecution" $terms)) $affinity -}}
{{- end -}}
{{- with $affinity }}{{ toYaml . }}{{ end -}}
{{- end -}}

{{- /* What the pods of API and workers read from files: their password for Redis, and whom to trust there. Of a dict as above and `user`. */ -}}
{{- define "heavylift.volumes" -}}
- name: tmp
  emptyDir: {}
{{ include "heavylift.store.volumes" . }}
{{ include "heavylift.objects.volumes" . }}
{{- with .values.volumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "heavylift.volumeMounts" -}}
- {name: tmp, mountPath: /tmp}
{{ include "heavylift.store.volumeMounts" . }}
{{ include "heavylift.objects.volumeMounts" . }}
{{- with .values.volumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}
