import java.nio.file.Files;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.catalina.Context;
import org.apache.catalina.startup.Tomcat;
import org.springframework.context.annotation.Bean;
import org.springframework.http.converter.ByteArrayHttpMessageConverter;
import org.springframework.http.converter.HttpMessageConverter;
import org.springframework.http.converter.StringHttpMessageConverter;
import org.springframework.stereotype.Component;
import org.springframework.web.context.support.AnnotationConfigWebApplicationContext;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.mvc.method.annotation.ExceptionHandlerExceptionResolver;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerAdapter;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/** Runs the shop's classes, as they are, on the Spring and Tomcat that Debian packages. */
public final class Main {
    /** What Spring Boot would configure. */
    @Component
    static class Mvc {
        @Bean
        public RequestMappingHandlerMapping mapping() {
            return new RequestMappingHandlerMapping();
        }

        @Bean
        public RequestMappingHandlerAdapter adapter() {
            var adapter = new RequestMappingHandlerAdapter();
            adapter.setMessageConverters(converters());
            return adapter;
        }

        @Bean
        public ExceptionHandlerExceptionResolver exceptions() {
            var resolver = new ExceptionHandlerExceptionResolver();
            resolver.setMessageConverters(converters());
            return resolver;
        }

        private static List<HttpMessageConverter<?>> converters() {
            var text = new StringHttpMessageConverter();
            text.setWriteAcceptCharset(false);
            return List.of(new ByteArrayHttpMessageConverter(), text);
        }
    }

    public static void main(String[] arguments) throws Exception {
        Logger.getLogger("").setLevel(Level.WARNING);
        var spring = new AnnotationConfigWebApplicationContext();
        spring.register(Mvc.class, shop.ShopController.class, shop.Verifier.class, shop.ClientAssertion.class,
                shop.WebhookSignature.class);
        var tomcat = new Tomcat();
        var folder = Files.createTempDirectory("shop").toFile();
        tomcat.setBaseDir(folder.getPath());
        tomcat.setHostname("127.0.0.1");
        tomcat.getConnector().setProperty("address", "127.0.0.1");
        tomcat.getConnector().setPort(Integer.parseInt(System.getenv("SERVER_PORT")));
        Context context = tomcat.addContext("", folder.getPath());
        Tomcat.addServlet(context, "shop", new DispatcherServlet(spring)).setLoadOnStartup(1);
        context.addServletMappingDecoded("/", "shop");
        tomcat.start();
        tomcat.getServer().await();
    }
}
