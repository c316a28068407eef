// Renders annotations of rules and notification templates with Go's text/template and the data that Grafana and
// Alertmanager hand them: JSON in, JSON out.
package main

import (
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"text/template"
	"time"
)

// Value is what Grafana hands an annotation for each refId.
type Value struct {
	Labels map[string]string
	Value  float64
}

func (v Value) String() string { return strconv.FormatFloat(v.Value, 'f', -1, 64) }

// Rule is the data of an annotation.
type Rule struct {
	Labels map[string]string
	Values map[string]Value
	Value  string
}

// Alert is one alert of a notification.
type Alert struct {
	Status      string
	Labels      map[string]string
	Annotations map[string]string
	StartsAt    time.Time
}

type input struct {
	Annotations []struct {
		Text   string
		Labels map[string]string
		Values map[string]float64
	}
	Definitions   string
	Templates     []string
	Notifications [][]Alert
}

func render(parsed *template.Template, name string, data any) string {
	var made strings.Builder
	if err := parsed.ExecuteTemplate(&made, name, data); err != nil {
		return "error: " + err.Error()
	}
	return made.String()
}

func main() {
	var given input
	if err := json.NewDecoder(os.Stdin).Decode(&given); err != nil {
		panic(err)
	}
	made := map[string][]string{"annotations": {}, "notifications": {}}
	const before = "{{- $labels := .Labels -}}{{- $values := .Values -}}{{- $value := .Value -}}"
	for _, each := range given.Annotations {
		values := map[string]Value{}
		for name, number := range each.Values {
			values[name] = Value{each.Labels, number}
		}
		parsed, err := template.New("it").Option("missingkey=error").Parse(before + each.Text)
		text := ""
		if err != nil {
			text = "error: " + err.Error()
		} else {
			text = render(parsed, "it", Rule{each.Labels, values, ""})
		}
		made["annotations"] = append(made["annotations"], text)
	}
	parsed := template.Must(template.New("all").Parse(given.Definitions))
	for _, alerts := range given.Notifications {
		for _, name := range given.Templates {
			made["notifications"] = append(made["notifications"], render(parsed, name, map[string]any{"Alerts": alerts}))
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(made); err != nil {
		panic(err)
	}
}
