{{- /* How a ServiceAccount is called, of a dict with `made`, the name of the one that the chart makes, and `values`. */ -}}
{{- define "heavylift.serviceAccount" -}}{{ .values.serviceAccount.name | default .made }}{{- end -}}
