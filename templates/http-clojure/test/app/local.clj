(ns app.local
  "The project on the local AWS of this machine, by the command fx."
  (:require [clojure.data.json :as json]
            [clojure.java.shell :refer [sh]]
            [clojure.string :as string]))

(defn fx
  "Runs fx and returns its result."
  [& words]
  (let [{:keys [exit out err]} (apply sh "fx" (concat words ["--json"]))]
    (when-not (zero? exit) (throw (ex-info (str "fx " (string/join " " words) ": " out err) {})))
    (get (json/read-str (last (string/split-lines out))) "value")))

(defn with-outputs
  "Calls f with the outputs of the stack."
  [f]
  (let [mine (not (get (fx "local" "status") "running"))]
    (try
      (f (get (fx "deploy" "--env" "local") "outputs"))
      (finally (when mine (fx "local" "stop"))))))
