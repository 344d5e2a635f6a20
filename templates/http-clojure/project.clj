(defproject fx-project-name "1"
  :dependencies [[org.clojure/clojure "1.12.2"]
                 [org.clojure/data.json "2.5.1"]
                 [com.amazonaws/aws-lambda-java-core "1.2.3"]]
  ; only there: a test that deploys would lose the classes that it runs
  :profiles {:uberjar {:aot :all}})
